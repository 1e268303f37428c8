#!/usr/bin/env bash
# Apache POI 5.2.5 (and EasyExcel 4.0.3 on top of it): the streaming writer stores 0.0 as the result of every formula.
#
# Guess, before it was run: a formula that nobody evaluated has no stored result, as POI's other writer (XSSF) leaves it, and
#   the file asks to be calculated on opening (fullCalcOnLoad).
# Seen: SXSSF writes <f>"SO-"&1001</f><v>0.0</v>, as a number, for a formula that gives a text; there is no calcPr at all. EasyExcel's
#   FormulaData is written by SXSSF, so this is what it makes of each formula. LibreOffice 7.4 takes it for a result and does
#   not calculate on opening: it shows 0, and saves 0 under its own name.
# Whom it hurts: whoever reads results without calculating (openpyxl with data_only=True, pandas, calamine): amounts of 0,
#   and order numbers, names or greetings that are "0" in each row, without any sign in the file.
#
# Needs maven, java, python3 and their package registries. Exits with 1 if the writers do otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p src/main/java

cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.test</groupId><artifactId>list</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>com.alibaba</groupId><artifactId>easyexcel</artifactId><version>4.0.3</version></dependency>
  </dependencies>
</project>
XML
cat > src/main/java/Write.java <<'JAVA'
import com.alibaba.excel.EasyExcel;
import com.alibaba.excel.metadata.data.FormulaData;
import com.alibaba.excel.metadata.data.WriteCellData;
import java.io.FileOutputStream;
import java.util.List;
import org.apache.poi.ss.usermodel.Workbook;
import org.apache.poi.xssf.streaming.SXSSFWorkbook;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;

public class Write {
    static final String FORMULA = "\"SO-\"&1001";

    public static void main(String[] arguments) throws Exception {
        save(new XSSFWorkbook(), "XSSF.xlsx");
        save(new SXSSFWorkbook(), "SXSSF.xlsx");
        FormulaData formula = new FormulaData();
        formula.setFormulaValue(FORMULA);
        WriteCellData<String> cell = new WriteCellData<>();
        cell.setFormulaData(formula);
        EasyExcel.write("EasyExcel.xlsx").sheet("s").doWrite(List.of(List.of(cell)));
    }

    static void save(Workbook book, String name) throws Exception {
        book.createSheet("s").createRow(0).createCell(0).setCellFormula(FORMULA);
        try (FileOutputStream file = new FileOutputStream(name)) {
            book.write(file);
        }
    }
}
JAVA
mvn -q compile dependency:copy-dependencies
java -cp "target/classes:target/dependency/*" Write 2>/dev/null
python3 - <<'PYTHON'
import re, sys, zipfile

found = {}
for name in ("XSSF", "SXSSF", "EasyExcel"):
    parts = zipfile.ZipFile(f"{name}.xlsx")
    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    cell = re.search(r"<c [^>]*>(?:(?!</c>).)*<f>.*?</c>", sheet, re.DOTALL)[0]
    found[name] = re.findall("<v>(.*?)</v>", cell)
    print(f"{name}: {cell}  calcPr: {'calcPr' in parts.read('xl/workbook.xml').decode()}")
sys.exit(found != {"XSSF": [], "SXSSF": ["0.0"], "EasyExcel": ["0.0"]})
PYTHON
