using System.Collections.Frozen;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Filtering;

/// <summary>The envelope of a delivery, and what is known of the account and the message.</summary>
internal sealed record ScriptContext
{
    public required SieveEnvelope Envelope { get; init; }

    /// <summary>The folder of a message that no rule files: INBOX or Junk.</summary>
    public required FolderName Folder { get; init; }

    /// <summary>The addresses of the account; empty if no script asks for them.</summary>
    public required IReadOnlyList<string> OwnAddresses { get; init; }

    /// <summary>The addresses in the address books; empty if no script asks for them.</summary>
    public IReadOnlySet<string> Contacts { get; init; } = FrozenSet<string>.Empty;

    public required DateTimeOffset Now { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The message is junk for the checks at its arrival.</summary>
    public bool IsJunk => !Folder.IsInbox;
}

/// <summary>Answers what scripts ask, from the mailbox of the account.</summary>
internal sealed class ScriptFacts(ScriptContext context, MailboxStore store, ScriptTargets targets, ScriptLibrary library) : SieveFacts
{
    /// <summary>The list of the account's own addresses (RFC 6134).</summary>
    private const string OwnAddressList = "urn:ietf:params:sieve:addrbook:own";

    /// <summary>The address books of the account (RFC 6134 §3).</summary>
    private const string ContactList = "urn:ietf:params:sieve:addrbook:default";

    private const int JunkPercent = 100;

    public override SieveEnvelope Envelope => context.Envelope;

    public override DateTimeOffset Now => context.Now;

    public override TimeZoneInfo Zone => TimeZoneInfo.Local;

    public override IReadOnlyList<string> OwnAddresses => context.OwnAddresses.Count > 0 ? context.OwnAddresses : base.OwnAddresses;

    public override bool IsJunk => context.IsJunk;

    // The checks at arrival say only that a message is junk; of other mail they say nothing.
    public override int? SpamPercent => context.IsJunk ? JunkPercent : null;

    public override string? Environment(string name) => name.ToLowerInvariant() switch
    {
        "domain" => context.Hostname[(context.Hostname.IndexOf('.', StringComparison.Ordinal) + 1)..],
        "host" => context.Hostname,
        "location" => "MDA",
        "name" => "mailserver",
        "phase" => "during",
        _ => null,
    };

    public override bool MailboxExists(string name) => targets.Find(name) is not null;

    public override bool MailboxIdExists(string id) => targets.HasId(id);

    public override bool SpecialUseExists(string? mailbox, string use) => targets.HasUse(mailbox, use);

    public override string? Metadata(string? mailbox, string annotation)
    {
        var folder = mailbox is null ? null : targets.Find(mailbox);
        if (mailbox is not null && folder is null) return null;
        var found = store.Annotations.Find(folder, [annotation], AnnotationDepth.Itself);
        return !found.IsRefused && found.Value is [{ Value: { } value }] ? Encoding.UTF8.GetString(value.Span) : null;
    }

    public override bool ListExists(string list) => list is OwnAddressList or ContactList;

    public override bool ListContains(string list, string value) => list switch
    {
        OwnAddressList => OwnAddresses.Contains(value, StringComparer.OrdinalIgnoreCase),
        ContactList => context.Contacts.Contains(value),
        _ => false,
    };

    public override bool IsDuplicate(string key) => store.HasMark(ScriptMarks.OfDuplicate(key));

    public override SieveProgram? Script(bool isGlobal, string name) => (isGlobal ? library.FindGlobal(name) : library.Find(name))?.Program;
}
