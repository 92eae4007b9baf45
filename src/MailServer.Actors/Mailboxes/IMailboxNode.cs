using MailServer.Actors.Cluster;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>The dependencies of mailboxes.</summary>
internal interface IMailboxNode : IClusterNode
{
    IMessageParser Format { get; }
}
