using MailServer.Actors.Authentication;
using MailServer.Actors.Common;
using MailServer.Actors.Trust;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Sessions;

/// <summary>What sessions need of their node.</summary>
internal interface ISessionNode : INode
{
    /// <summary>Name and version, for clients that ask.</summary>
    IReadOnlyList<string> ServerId { get; }

    bool RequireTls { get; }

    Authenticator Authenticator { get; }

    /// <summary>Null: mail from outside that an alias hands on keeps its sender.</summary>
    SenderRewriter? Rewriter { get; }

    /// <summary>Null: no block lists, greylisting or limits.</summary>
    AdmissionControl? Admission { get; }
}
