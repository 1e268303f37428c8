"""``hongbao send``: one packet of any kind, each with the options of its call in WeChat's names."""

import typer

from hongbao.cli import options as o
from hongbao.cli.answer import Answer
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.payer import read_merchant
from hongbao.cli.send.sending import amount, billno, encode_risk_info, send
from hongbao.wire import messages

app = typer.Typer(
    cls=HongbaoGroup,
    help="Send one packet of any kind.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("normal")
def normal(
    *,
    re_openid: o.ReOpenid,
    send_name: o.SendName,
    wishing: o.Wishing,
    act_name: o.ActName,
    remark: o.Remark,
    yuan: o.Yuan = None,
    fen: o.InFen = None,
    mch_billno: o.MchBillno = None,
    key: o.Key = None,
    attempt: o.Attempt = 1,
    client_ip: o.ClientIp = None,
    scene_id: o.SceneId = None,
    risk_info: o.RiskInfo = None,
    consume_mch_id: o.ConsumeMchId = None,
    sub_mch_id: o.SubMchId = None,
    msgappid: o.Msgappid = None,
    merchant: o.MerchantPath = None,
    yes: o.Yes = False,
    as_json: o.AsJson = False,
) -> Answer:
    """A normal packet: sendredpack."""
    payer = read_merchant(merchant, sub_mch_id=sub_mch_id, msgappid=msgappid)
    return send(
        payer,
        lambda: messages.SendNormal(
            mch_billno=billno(payer, mch_billno, key, attempt),
            re_openid=re_openid,
            total_amount=amount(yuan, fen),
            send_name=send_name,
            wishing=wishing,
            act_name=act_name,
            remark=remark,
            client_ip=client_ip,
            scene_id=scene_id,
            risk_info=encode_risk_info(risk_info),
            consume_mch_id=consume_mch_id,
        ),
        yes=yes,
        as_json=as_json,
    )


@app.command("mini-program")
def mini_program(
    *,
    re_openid: o.ReOpenid,
    send_name: o.SendName,
    wishing: o.Wishing,
    act_name: o.ActName,
    remark: o.Remark,
    yuan: o.Yuan = None,
    fen: o.InFen = None,
    mch_billno: o.MchBillno = None,
    key: o.Key = None,
    attempt: o.Attempt = 1,
    scene_id: o.SceneId = None,
    sub_mch_id: o.SubMchId = None,
    msgappid: o.Msgappid = None,
    merchant: o.MerchantPath = None,
    yes: o.Yes = False,
    as_json: o.AsJson = False,
) -> Answer:
    """A mini-program packet: sendminiprogramhb.

    The answer has the package for claim-params.
    """
    payer = read_merchant(merchant, sub_mch_id=sub_mch_id, msgappid=msgappid)
    return send(
        payer,
        lambda: messages.SendMiniProgram(
            mch_billno=billno(payer, mch_billno, key, attempt),
            re_openid=re_openid,
            total_amount=amount(yuan, fen),
            send_name=send_name,
            wishing=wishing,
            act_name=act_name,
            remark=remark,
            scene_id=scene_id,
        ),
        yes=yes,
        as_json=as_json,
    )


@app.command("group")
def group(
    *,
    re_openid: o.ReOpenid,
    total_num: o.TotalNum,
    send_name: o.SendName,
    wishing: o.Wishing,
    act_name: o.ActName,
    remark: o.Remark,
    yuan: o.Yuan = None,
    fen: o.InFen = None,
    mch_billno: o.MchBillno = None,
    key: o.Key = None,
    attempt: o.Attempt = 1,
    scene_id: o.SceneId = None,
    risk_info: o.RiskInfo = None,
    consume_mch_id: o.ConsumeMchId = None,
    sub_mch_id: o.SubMchId = None,
    msgappid: o.Msgappid = None,
    merchant: o.MerchantPath = None,
    yes: o.Yes = False,
    as_json: o.AsJson = False,
) -> Answer:
    """A group packet: sendgroupredpack.

    WeChat marks it as switched off since 2024-06-05.
    """
    payer = read_merchant(merchant, sub_mch_id=sub_mch_id, msgappid=msgappid)
    return send(
        payer,
        lambda: messages.SendGroup(
            mch_billno=billno(payer, mch_billno, key, attempt),
            re_openid=re_openid,
            total_amount=amount(yuan, fen),
            total_num=total_num,
            send_name=send_name,
            wishing=wishing,
            act_name=act_name,
            remark=remark,
            scene_id=scene_id,
            risk_info=encode_risk_info(risk_info),
            consume_mch_id=consume_mch_id,
        ),
        yes=yes,
        as_json=as_json,
    )


@app.command("work")
def work(
    *,
    re_openid: o.ReOpenid,
    wishing: o.Wishing,
    act_name: o.ActName,
    remark: o.Remark,
    yuan: o.Yuan = None,
    fen: o.InFen = None,
    mch_billno: o.MchBillno = None,
    key: o.Key = None,
    attempt: o.Attempt = 1,
    sender_name: o.SenderName = None,
    agentid: o.Agentid = None,
    sender_header_media_id: o.SenderHeaderMediaId = None,
    scene_id: o.SceneId = None,
    merchant: o.MerchantPath = None,
    yes: o.Yes = False,
    as_json: o.AsJson = False,
) -> Answer:
    """A WeCom packet: sendworkwxredpack."""
    payer = read_merchant(merchant)
    return send(
        payer,
        lambda: messages.SendWork(
            mch_billno=billno(payer, mch_billno, key, attempt),
            re_openid=re_openid,
            total_amount=amount(yuan, fen),
            wishing=wishing,
            act_name=act_name,
            remark=remark,
            sender_name=sender_name,
            agentid=agentid,
            sender_header_media_id=sender_header_media_id,
            scene_id=scene_id,
        ),
        yes=yes,
        as_json=as_json,
    )


@app.command("preorder")
def preorder(
    *,
    send_name: o.SendName,
    wishing: o.Wishing,
    act_name: o.ActName,
    remark: o.Remark,
    yuan: o.Yuan = None,
    fen: o.InFen = None,
    mch_billno: o.MchBillno = None,
    key: o.Key = None,
    attempt: o.Attempt = 1,
    hb_type: o.HbType = "NORMAL",
    total_num: o.PreorderTotalNum = 1,
    risk_cntl: o.RiskCntl = "NORMAL",
    merchant: o.MerchantPath = None,
    yes: o.Yes = False,
    as_json: o.AsJson = False,
) -> Answer:
    """A packet ordered beforehand: hbpreorder.

    The answer has the ticket for a lottery.
    """
    payer = read_merchant(merchant)
    return send(
        payer,
        lambda: messages.Preorder(
            mch_billno=billno(payer, mch_billno, key, attempt),
            total_amount=amount(yuan, fen),
            send_name=send_name,
            wishing=wishing,
            act_name=act_name,
            remark=remark,
            hb_type=hb_type,
            total_num=total_num,
            risk_cntl=risk_cntl,
        ),
        yes=yes,
        as_json=as_json,
    )
