namespace MailServer.Actors.Trust;

/// <summary>The action for mail from an address on a block list.</summary>
public enum BlockListAction
{
    Reject,
    Junk,
}

/// <summary>Admission control settings (section <c>security</c>); 0 means no limit.</summary>
public sealed record AdmissionOptions
{
    /// <summary>DNS zones of the block lists.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = [];

    public BlockListAction BlockListAction { get; init; }

    /// <summary>Null: no greylisting.</summary>
    public TimeSpan? GreylistDelay { get; init; }

    /// <summary>Delay of the reply to a message whose sender never wrote to the recipient before.</summary>
    public TimeSpan FirstContactDelay { get; init; }

    /// <summary>Messages per hour from one network (/24, /64).</summary>
    public int IncomingPerNetwork { get; init; }

    /// <summary>Messages per hour from one domain that passed SPF.</summary>
    public int IncomingPerDomain { get; init; }

    /// <summary>Remote recipients per hour for one account.</summary>
    public int OutgoingPerHour { get; init; }

    public int OutgoingPerDay { get; init; }

    /// <summary>Remote recipients per day that the account never wrote to before.</summary>
    public int NewRecipientsPerDay { get; init; }

    /// <summary>True when an option needs persistent data.</summary>
    public bool NeedsStore => GreylistDelay is not null || FirstContactDelay > TimeSpan.Zero || OutgoingPerHour > 0 || OutgoingPerDay > 0 || NewRecipientsPerDay > 0;
}
