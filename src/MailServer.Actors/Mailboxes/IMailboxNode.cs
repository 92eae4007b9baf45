using MailServer.Actors.Cluster;
using MailServer.Actors.Filtering;
using MailServer.Actors.Tracing;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>The dependencies of mailboxes.</summary>
internal interface IMailboxNode : IClusterNode
{
    IMessageParser Format { get; }

    /// <summary>The administrator's scripts, and what the scripts of all accounts share.</summary>
    ServerScripts Scripts { get; }

    /// <summary>Fills the text indexes of mailboxes; null: there are none.</summary>
    IndexingThread? Indexing { get; }

    /// <summary>The annotations of the server (RFC 5464 §3.2.1.1).</summary>
    IReadOnlyList<Annotation> ServerAnnotations { get; }

    MessageTrace Trace { get; }
}
