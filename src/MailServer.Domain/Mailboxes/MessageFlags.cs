namespace MailServer.Domain.Mailboxes;

/// <summary>The system flags of RFC 9051 §2.3.2 as bits. <c>\Recent</c> is a property of a session and is not stored here.</summary>
[Flags]
public enum SystemFlags : byte
{
    None = 0,
    Seen = 1,
    Answered = 2,
    Flagged = 4,
    Deleted = 8,
    Draft = 16,
}

/// <summary>All stored flags of a message: system flags and keywords.</summary>
public readonly record struct MessageFlags(SystemFlags System, KeywordSet Keywords)
{
    public MessageFlags(SystemFlags system) : this(system, KeywordSet.Empty) { }

    /// <summary>Never null, even in the default value of the struct.</summary>
    public KeywordSet Keywords { get => field ?? KeywordSet.Empty; init; } = Keywords;

    public static MessageFlags None { get; } = new(SystemFlags.None, KeywordSet.Empty);

    /// <summary>Returns the flags after a STORE (RFC 9051 §6.4.6).</summary>
    public MessageFlags Apply(FlagOperation operation, MessageFlags change) => operation switch
    {
        FlagOperation.Add => new MessageFlags(System | change.System, Keywords.Union(change.Keywords)),
        FlagOperation.Remove => new MessageFlags(System & ~change.System, Keywords.Except(change.Keywords)),
        _ => change,
    };

    public bool Equals(MessageFlags other) => System == other.System && Keywords.Equals(other.Keywords);

    public override int GetHashCode() => HashCode.Combine(System, Keywords);
}

/// <summary>The STORE operation: <c>FLAGS</c>, <c>+FLAGS</c>, <c>-FLAGS</c>.</summary>
public enum FlagOperation
{
    Replace,
    Add,
    Remove,
}
