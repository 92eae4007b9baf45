using MailServer.Actors.Entities;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

/// <summary>Dependencies shared by the mailbox actors of a node.</summary>
internal sealed record MailboxServices
{
    public required string MaildirDirectory { get; init; }

    public required string SpoolDirectory { get; init; }

    public required Limits Limits { get; init; }

    public required IMessageParser Format { get; init; }

    /// <summary>Source of the quotas; null: no quotas.</summary>
    public IDirectory? Directory { get; init; }

    /// <summary>Reports damaged databases.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Discarding;

    public OpenStores OpenStores { get; init; } = OpenStores.Unlimited;

    public required TimeProvider Time { get; init; }

    /// <summary>Conditions that an administrator must repair.</summary>
    public NodeProblems Problems { get; init; } = new();

    public EntityHost Home { get; init; } = EntityHost.Local;

    /// <summary>The annotations of the server (RFC 5464 §3.2.1.1).</summary>
    public IReadOnlyList<Annotation> ServerAnnotations { get; init; } = [];

    /// <summary>Null: no scripts run.</summary>
    public ScriptServices? Scripts { get; init; }

    /// <summary>Fills the text indexes of mailboxes; null: there are none, and those that exist are removed.</summary>
    public IndexingThread? Indexing { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
