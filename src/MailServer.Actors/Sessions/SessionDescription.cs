using System.Net;
using MailServer.Domain.Addresses;
using MailServer.Domain.Sessions;

namespace MailServer.Actors.Sessions;

/// <summary>A session as the administration sees it.</summary>
public sealed record SessionDescription
{
    public required string Id { get; init; }

    /// <summary>Where it came in: smtp, submission, submissions, imap or imaps.</summary>
    public required string Listener { get; init; }

    public required IPEndPoint Remote { get; init; }

    public required TlsInfo? Tls { get; init; }

    /// <summary>Who signed in.</summary>
    public required EmailAddress? Account { get; init; }

    /// <summary>What the client calls itself: IMAP's ID, or the argument of EHLO.</summary>
    public required string? Client { get; init; }

    public required string State { get; init; }

    public required string? Folder { get; init; }

    public required string? LastCommand { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the last command began; null before the first.</summary>
    public required DateTimeOffset? LastCommandAt { get; init; }

    /// <summary>Octets of the protocol, without TLS.</summary>
    public required long BytesIn { get; init; }

    public required long BytesOut { get; init; }

    /// <summary>Messages that wait for the mailbox actor whose folder is selected.</summary>
    public required int? MailboxInbox { get; init; }

    /// <summary>The node that holds the connection; null without a cluster.</summary>
    public string? Node { get; init; }

    /// <summary>The node where the mailbox lives whose folder is selected; null without one, or without a cluster. From a session it is the host, and null for its own.</summary>
    public string? MailboxNode { get; init; }
}

/// <summary>What a protocol session knows about itself.</summary>
internal readonly record struct ConversationState(EmailAddress? Account, string Name, string? Folder, string? LastCommand, string? Client, int? MailboxInbox, string? MailboxNode = null);
