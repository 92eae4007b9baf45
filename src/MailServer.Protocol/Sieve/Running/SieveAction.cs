using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>Something that a script wants done with the message. The caller executes the actions of a run in one transaction.</summary>
public abstract record SieveAction
{
    /// <summary>The header of the message as it was changed before this action (RFC 5293 §3); null if nothing was changed.</summary>
    public IReadOnlyList<SieveField>? Header { get; init; }

    /// <summary>The body as it was changed before this action (RFC 5703 §5, §6); null if nothing was changed. With it, the header is the changed one or, if that is null, the one of the message.</summary>
    public SieveBody? Body { get; init; }

    /// <summary>Whether the action puts the message somewhere, so that refusing it as well would be wrong (RFC 5429 §2.4).</summary>
    internal virtual bool Delivers => false;
}

/// <summary>Where a message or a copy of a reply is to be stored.</summary>
/// <param name="Mailbox">The folder's name in UTF-8.</param>
/// <param name="Flags">The flags and keywords; null for those of an ordinary delivery.</param>
/// <param name="Creates">Whether a missing folder is created (RFC 5490 §3.2).</param>
/// <param name="MailboxId">The identifier of a folder that is preferred to the name (RFC 9042 §4).</param>
/// <param name="SpecialUse">The special use of a folder that is preferred to the name (RFC 8579 §4).</param>
public sealed record SieveTarget(string Mailbox, IReadOnlyList<string>? Flags, bool Creates, string? MailboxId, string? SpecialUse);

/// <summary>Stores the message where the mailbox's own filters want it, usually INBOX.</summary>
/// <param name="Flags">The flags and keywords (RFC 5232).</param>
/// <param name="IsImplicit">Whether no action of the script cancelled the implicit keep, rather than that the script asked for it.</param>
public sealed record SieveKeep(IReadOnlyList<string> Flags, bool IsImplicit) : SieveAction
{
    internal override bool Delivers => !IsImplicit;
}

/// <summary>Stores the message in a folder.</summary>
public sealed record SieveFileInto(SieveTarget Target) : SieveAction
{
    internal override bool Delivers => true;
}

/// <summary>Sends the message on.</summary>
/// <param name="Address">The new recipient, or the name of a list of recipients.</param>
/// <param name="IsList">Whether the address names a list (RFC 6134 §2.4).</param>
/// <param name="IsCopy">Whether the implicit keep stands (RFC 3894).</param>
public sealed record SieveRedirect(string Address, bool IsList, bool IsCopy) : SieveAction
{
    /// <summary>How it is reported on, and until when it is to be delivered (RFC 6009).</summary>
    public SieveRedirectOptions Options { get; init; } = SieveRedirectOptions.None;

    internal override bool Delivers => true;
}

/// <summary>Refuses the message (RFC 5429).</summary>
/// <param name="Reason">The text for the sender.</param>
/// <param name="InSession">Whether the refusal should be the reply of the SMTP session (<c>ereject</c>).</param>
public sealed record SieveReject(string Reason, bool InSession) : SieveAction;

/// <summary>Throws the message away unless another action stores it.</summary>
public sealed record SieveDiscard : SieveAction;

/// <summary>An automatic reply (RFC 5230). The caller sends it unless it has answered the same person under the same key within the interval.</summary>
/// <param name="Recipient">The address that is answered, from the envelope.</param>
/// <param name="Key">Identifies the reply: the handle, or a hash of what it says.</param>
/// <param name="Interval">How long the same person gets no second reply; zero answers always (RFC 6131 §2).</param>
/// <param name="Subject">The subject as text.</param>
/// <param name="From">The From field that the script asks for; null for the account's address.</param>
/// <param name="Reason">The text, or a MIME entity.</param>
/// <param name="IsMime">Whether the reason is a MIME entity.</param>
/// <param name="InReplyTo">The Message-ID of the message that is answered; null without one.</param>
/// <param name="References">The value of the References field of the reply; null without one.</param>
/// <param name="Copy">Where a copy of the reply is stored (RFC 8580); null for nowhere.</param>
public sealed record SieveVacation(
    string Recipient, string Key, TimeSpan Interval, string Subject, string? From, string Reason, bool IsMime, string? InReplyTo, string? References, SieveTarget? Copy) : SieveAction;

/// <summary>A notification (RFC 5435) by mail (RFC 5436).</summary>
/// <param name="Mail">Recipients and fields from the <c>mailto</c> URI.</param>
/// <param name="From">The From field that the script asks for; null for the account's address.</param>
/// <param name="Message">The text; null for one that names sender and subject.</param>
/// <param name="Importance">1 is high, 2 normal, 3 low.</param>
/// <param name="Copy">Where a copy is stored (RFC 8580); null for nowhere.</param>
public sealed record SieveNotify(MailtoUri Mail, string? From, string? Message, int Importance, SieveTarget? Copy) : SieveAction;

/// <summary>Remembers that this message was seen (RFC 7352), once the delivery has succeeded.</summary>
/// <param name="Key">The identifier with its handle, hashed.</param>
/// <param name="Lifetime">How long to remember it.</param>
public sealed record SieveMarkDuplicate(string Key, TimeSpan Lifetime) : SieveAction;
