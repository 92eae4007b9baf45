using MailServer.Actors.Cluster;
using MailServer.Domain.Dns;

namespace MailServer.Actors.Reports;

/// <summary>What reports need of their node.</summary>
internal interface IReportNode : IClusterNode
{
    IDnsLookup Dns { get; }

    /// <summary>What becomes of notes, and of the reports of others; null: nothing.</summary>
    ReportSettings? Reporting { get; }
}
