using MailServer.Protocol.Imap.Annotations;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Listing;

/// <summary>The selection options of LIST (RFC 5258 §3.1, RFC 6154 §2).</summary>
[Flags]
internal enum ListSelections
{
    None = 0,
    SpecialUse = 1,
    Subscribed = 2,
    RecursiveMatch = 4,

    /// <summary>Has no effect: there are no remote folders.</summary>
    Remote = 8,
}

/// <summary>The options of an extended LIST (RFC 5258, RFC 5819, RFC 8440, RFC 9590). Roles and children are always returned, so those return options need not be kept.</summary>
internal sealed record ListOptions
{
    /// <summary>Whether the client uses any part of the extended syntax, and so understands its responses.</summary>
    public bool IsExtended { get; init; }

    public ListSelections Selections { get; init; }

    public bool ReturnsSubscriptions { get; init; }

    /// <summary>The items of the STATUS responses after the LIST responses; empty for none.</summary>
    public IReadOnlyList<StatusItem> Status { get; init; } = [];

    /// <summary>The annotations of the METADATA responses after the LIST responses (RFC 9590); empty for none.</summary>
    public IReadOnlyList<string> Annotations { get; init; } = [];

    /// <summary>The rights of the client follow in MYRIGHTS responses (RFC 8440).</summary>
    public bool ReturnsRights { get; init; }

    public bool SelectsSubscribed => Selections.HasFlag(ListSelections.Subscribed);

    public bool IsRecursive => Selections.HasFlag(ListSelections.RecursiveMatch);

    public bool ShowsSubscriptions => ReturnsSubscriptions || SelectsSubscribed;

    /// <summary>list-select-opts.</summary>
    public static bool ReadSelections(ref ImapReader reader, out ListSelections selections)
    {
        selections = ListSelections.None;
        if (!reader.TryRead((byte)'(')) return false;
        if (reader.TryRead((byte)')')) return true;
        do
        {
            if (reader.TryReadWord("SPECIAL-USE"u8)) selections |= ListSelections.SpecialUse;
            else if (reader.TryReadWord("SUBSCRIBED"u8)) selections |= ListSelections.Subscribed;
            else if (reader.TryReadWord("RECURSIVEMATCH"u8)) selections |= ListSelections.RecursiveMatch;
            else if (reader.TryReadWord("REMOTE"u8)) selections |= ListSelections.Remote;
            else return false;
        }
        while (reader.ReadSpace());
        // RECURSIVEMATCH modifies another option.
        return reader.TryRead((byte)')') && (!selections.HasFlag(ListSelections.RecursiveMatch) || selections.HasFlag(ListSelections.Subscribed));
    }

    /// <summary>list-return-opts, from their parenthesis.</summary>
    public static bool ReadReturns(ref ImapReader reader, ref ListOptions options)
    {
        if (!reader.TryRead((byte)'(')) return false;
        if (reader.TryRead((byte)')')) return true;
        do
        {
            if (reader.TryReadWord("SUBSCRIBED"u8)) options = options with { ReturnsSubscriptions = true };
            else if (reader.TryReadWord("STATUS "u8))
            {
                if (!StatusItems.Read(ref reader, out var items)) return false;
                options = options with { Status = items };
            }
            else if (reader.TryReadWord("METADATA "u8))
            {
                if (!AnnotationReader.ReadNames(ref reader, out var names)) return false;
                options = options with { Annotations = names };
            }
            else if (reader.TryReadWord("MYRIGHTS"u8)) options = options with { ReturnsRights = true };
            else if (!reader.TryReadWord("CHILDREN"u8) && !reader.TryReadWord("SPECIAL-USE"u8)) return false;
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')');
    }
}
