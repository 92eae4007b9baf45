using MailServer.Actors.Cluster;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>What mailboxes need of their node.</summary>
internal interface IMailboxNode : IClusterNode
{
    IMessageParser Format { get; }
}
