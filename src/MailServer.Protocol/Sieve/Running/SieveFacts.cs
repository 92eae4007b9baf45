namespace MailServer.Protocol.Sieve.Running;

/// <summary>The envelope of the message (RFC 5228 §5.4).</summary>
/// <param name="Sender">The sender; empty for the null sender.</param>
/// <param name="Recipient">The recipient whose script runs.</param>
public sealed record SieveEnvelope(string Sender, string Recipient);

/// <summary>
/// What a script can ask beside the message. A run is synchronous: the caller loads what <see cref="SieveProgram.Needs"/> names before the run, and
/// overrides the members that answer from it.
/// </summary>
public abstract class SieveFacts
{
    public abstract SieveEnvelope Envelope { get; }

    /// <summary>The time of the delivery.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>The account's time zone, for <c>date</c> and <c>currentdate</c> without <c>:zone</c>.</summary>
    public virtual TimeZoneInfo Zone => TimeZoneInfo.Utc;

    /// <summary>All addresses of the account, with its aliases.</summary>
    public virtual IReadOnlyList<string> OwnAddresses => [Envelope.Recipient];

    /// <summary>Whether the junk filter calls the message junk: junk gets no automatic reply.</summary>
    public virtual bool IsJunk => false;

    /// <summary>The probability that the message is spam, 0 to 100; null if it was not examined (RFC 5235 §3.2).</summary>
    public virtual int? SpamPercent => null;

    /// <summary>1 (clean) to 5 (certainly infected); null if the message was not examined (RFC 5235 §3.3).</summary>
    public virtual int? VirusScore => null;

    /// <summary>The value of an environment item (RFC 5183 §4); null if it is not known.</summary>
    public virtual string? Environment(string name) => null;

    /// <summary>Whether the folder exists and mail can be stored in it (RFC 5490 §3.1).</summary>
    public virtual bool MailboxExists(string name) => name.Equals("INBOX", StringComparison.OrdinalIgnoreCase);

    public virtual bool MailboxIdExists(string id) => false;

    /// <summary>Whether a folder, or any one if null, has a special use such as <c>\Junk</c> (RFC 8579 §3).</summary>
    public virtual bool SpecialUseExists(string? mailbox, string use) => false;

    /// <summary>An annotation of a folder, or of the server if null (RFC 5490 §3.3, §4.3); null without one.</summary>
    public virtual string? Metadata(string? mailbox, string annotation) => null;

    /// <summary>Whether an external list can be used (RFC 6134 §2.7).</summary>
    public virtual bool ListExists(string list) => false;

    public virtual bool ListContains(string list, string value) => false;

    /// <summary>Whether the key of an earlier <see cref="SieveMarkDuplicate"/> is still remembered.</summary>
    public virtual bool IsDuplicate(string key) => false;

    /// <summary>A script for <c>include</c> (RFC 6609 §3.2); null if there is none, or if it has errors.</summary>
    public virtual SieveProgram? Script(bool isGlobal, string name) => null;
}
