namespace MailServer.Protocol.Sieve.Bounds;

/// <summary>What the scripts of one message may still spend. All scripts of a message share one budget, so that many small scripts cost no more than one.</summary>
public sealed class SieveBudget(SieveLimits limits)
{
    /// <summary>Commands and tests that were evaluated.</summary>
    public int Steps { get; private set; }

    /// <summary>Octets that were read, copied or compared.</summary>
    public long Octets { get; private set; }

    internal long OctetsLeft => limits.MaxOctets - Octets;

    /// <summary>Charges one command or test.</summary>
    internal void Step()
    {
        if (++Steps > limits.MaxSteps) throw new SieveFaultException($"the script takes more than {limits.MaxSteps} steps");
    }

    /// <summary>Charges work on octets, before it is done.</summary>
    internal void Charge(long octets)
    {
        Octets += octets;
        if (Octets > limits.MaxOctets) throw new SieveFaultException($"the script compares more than {limits.MaxOctets} octets");
    }
}
