using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Common;

/// <summary>The dependencies that all actors of a node share. Each family of actors extends this interface with its own.</summary>
internal interface INode
{
    string Hostname { get; }

    Limits Limits { get; }

    /// <summary>Collects the problems that an administrator must repair.</summary>
    NodeProblems Problems { get; }

    /// <summary>Collects reports of damaged stores.</summary>
    StoreProblems Stores { get; }

    TimeProvider Time { get; }

    IDirectory Directory { get; }

    MessageSpool Spool { get; }

    /// <summary>The directory that contains one Maildir per account.</summary>
    string MaildirDirectory { get; }

    string SpoolDirectory { get; }

    ILoggerFactory Loggers { get; }
}
