using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>What a cluster's region hosts.</summary>
/// <param name="Type">Name of the shard type.</param>
/// <param name="Child">Creates an account's actor for a given host.</param>
/// <param name="Refusal">The answer that refuses a request temporarily; null when the request expects no answer.</param>
/// <param name="Node">Name of this node.</param>
/// <param name="Placement">Shard allocation.</param>
/// <param name="Time">The clock.</param>
internal sealed record ClusterRegionSettings(
    string Type, Func<EntityHost, AccountId, Props> Child, Func<IForAccount, object?> Refusal, string Node, ShardPlacement Placement, TimeProvider Time);
