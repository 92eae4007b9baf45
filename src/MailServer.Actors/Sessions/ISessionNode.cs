using MailServer.Actors.Authentication;
using MailServer.Actors.Common;
using MailServer.Actors.Trust;
using MailServer.Domain.Access;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Sessions;

/// <summary>The dependencies of sessions.</summary>
internal interface ISessionNode : INode
{
    /// <summary>The name and version that the IMAP ID command returns.</summary>
    IReadOnlyList<string> ServerId { get; }

    DisabledCapabilities DisabledImapCapabilities { get; }

    bool RequireTls { get; }

    Authenticator Authenticator { get; }

    /// <summary>Receives the changes of scripts.</summary>
    IAuditLog Audit { get; }

    /// <summary>Null: forwarded mail keeps its envelope sender.</summary>
    SenderRewriter? Rewriter { get; }

    /// <summary>Null: no block lists, greylisting or limits.</summary>
    AdmissionControl? Admission { get; }
}
