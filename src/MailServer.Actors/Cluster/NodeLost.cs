using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>Published on the event stream of a node when another one is no longer of the cluster: what was asked of it will not be answered.</summary>
internal sealed record NodeLost(Address Node);
