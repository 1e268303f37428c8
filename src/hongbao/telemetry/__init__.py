"""What operators' own systems are told of hongbao: spans, metrics, gauges. Never of whom."""
