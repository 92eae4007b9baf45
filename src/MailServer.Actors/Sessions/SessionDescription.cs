using System.Net;
using MailServer.Domain.Addresses;
using MailServer.Domain.Sessions;

namespace MailServer.Actors.Sessions;

/// <summary>A session in the admin API.</summary>
public sealed record SessionDescription
{
    public required string Id { get; init; }

    /// <summary>The listener: smtp, submission, submissions, imap, imaps, managesieve or managesieves.</summary>
    public required string Listener { get; init; }

    public required IPEndPoint Remote { get; init; }

    public required TlsInfo? Tls { get; init; }

    /// <summary>The account that signed in.</summary>
    public required EmailAddress? Account { get; init; }

    /// <summary>The client's name: from the IMAP ID command, or the argument of EHLO.</summary>
    public required string? Client { get; init; }

    public required string State { get; init; }

    public required string? Folder { get; init; }

    public required string? LastCommand { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Start of the last command; null before the first.</summary>
    public required DateTimeOffset? LastCommandAt { get; init; }

    /// <summary>Protocol octets, without TLS overhead.</summary>
    public required long BytesIn { get; init; }

    public required long BytesOut { get; init; }

    /// <summary>Messages queued for the mailbox actor of the selected folder.</summary>
    public required int? MailboxInbox { get; init; }

    /// <summary>The node of the connection; null without a cluster.</summary>
    public string? Node { get; init; }

    /// <summary>
    /// The node of the mailbox whose folder is selected; null without a selected folder or without a cluster. In a session's own reply it is the host name,
    /// and null for the local node.
    /// </summary>
    public string? MailboxNode { get; init; }
}

/// <summary>The state that a protocol session reports about itself.</summary>
internal readonly record struct ConversationState(EmailAddress? Account, string Name, string? Folder, string? LastCommand, string? Client, int? MailboxInbox, string? MailboxNode = null);
