"""The phone view: what simulated users see of packets and transfers, as pages for this machine."""
