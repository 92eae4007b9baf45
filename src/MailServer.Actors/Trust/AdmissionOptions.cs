namespace MailServer.Actors.Trust;

/// <summary>What is done with mail from an address on a block list.</summary>
public enum BlockListAction
{
    Reject,
    Junk,
}

/// <summary>Who is let in how fast (section <c>security</c>); 0 is no limit.</summary>
public sealed record AdmissionOptions
{
    /// <summary>Zones of block lists.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = [];

    public BlockListAction BlockListAction { get; init; }

    /// <summary>Null: no greylisting.</summary>
    public TimeSpan? GreylistDelay { get; init; }

    /// <summary>How long the answer to a message waits whose sender never wrote to the recipient.</summary>
    public TimeSpan FirstContactDelay { get; init; }

    /// <summary>Messages an hour from one network (/24, /64).</summary>
    public int IncomingPerNetwork { get; init; }

    /// <summary>Messages an hour from one domain, as far as SPF proves it.</summary>
    public int IncomingPerDomain { get; init; }

    /// <summary>Recipients elsewhere that one account may write to in an hour.</summary>
    public int OutgoingPerHour { get; init; }

    public int OutgoingPerDay { get; init; }

    /// <summary>Those among them that it never wrote to before.</summary>
    public int NewRecipientsPerDay { get; init; }

    /// <summary>Something must be remembered between restarts.</summary>
    public bool NeedsStore => GreylistDelay is not null || FirstContactDelay > TimeSpan.Zero || OutgoingPerHour > 0 || OutgoingPerDay > 0 || NewRecipientsPerDay > 0;
}
