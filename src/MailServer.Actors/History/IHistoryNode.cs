using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.History;

/// <summary>What the history needs of the node.</summary>
internal interface IHistoryNode
{
    /// <summary>The file of the history; null: none is kept.</summary>
    string? HistoryPath { get; }

    StoreProblems Stores { get; }

    TimeProvider Time { get; }

    ILoggerFactory Loggers { get; }
}
