using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>Published on a node's event stream when another node was removed from the cluster: pending requests to it will not be answered.</summary>
internal sealed record NodeLost(Address Node);
