using MailServer.Actors.Cluster;
using MailServer.Domain.Dns;

namespace MailServer.Actors.Reports;

/// <summary>The dependencies of reports.</summary>
internal interface IReportNode : IClusterNode
{
    IDnsLookup Dns { get; }

    /// <summary>Settings for sending and receiving reports; null: both are disabled.</summary>
    ReportSettings? Reporting { get; }
}
