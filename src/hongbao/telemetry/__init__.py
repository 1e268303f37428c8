"""What operators' own systems learn of hongbao: spans, metrics, gauges. Never who is paid."""
