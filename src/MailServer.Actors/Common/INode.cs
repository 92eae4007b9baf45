using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Common;

/// <summary>What the actors of a node share. Each family of actors extends it by what it alone needs.</summary>
internal interface INode
{
    string Hostname { get; }

    Limits Limits { get; }

    /// <summary>Where storage and actors report what an administrator must repair.</summary>
    NodeProblems Problems { get; }

    /// <summary>Where stores report damage.</summary>
    StoreProblems Stores { get; }

    TimeProvider Time { get; }

    IDirectory Directory { get; }

    MessageSpool Spool { get; }

    /// <summary>The directory with one Maildir an account.</summary>
    string MaildirDirectory { get; }

    string SpoolDirectory { get; }

    ILoggerFactory Loggers { get; }
}
