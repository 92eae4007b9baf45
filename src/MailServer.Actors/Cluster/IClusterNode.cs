using MailServer.Actors.Common;
using MailServer.Actors.Entities;

namespace MailServer.Actors.Cluster;

/// <summary>The dependencies of actors that differ between a single node and a cluster.</summary>
internal interface IClusterNode : INode
{
    /// <summary>Null without a cluster.</summary>
    ClusterServices? Cluster { get; }

    OpenStores OpenStores { get; }
}
