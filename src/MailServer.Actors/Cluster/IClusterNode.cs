using MailServer.Actors.Common;

namespace MailServer.Actors.Cluster;

/// <summary>A node that may be one of several.</summary>
internal interface IClusterNode : INode
{
    /// <summary>Null: this node is the only one.</summary>
    ClusterServices? Cluster { get; }
}
