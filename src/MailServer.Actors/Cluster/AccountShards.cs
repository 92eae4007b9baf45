using System.Globalization;
using Akka.Cluster.Sharding;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>Which shard an account is in, and which account a message is for.</summary>
internal sealed class AccountShards : IMessageExtractor
{
    public static AccountId AccountOf(string entity) => new(long.Parse(entity, CultureInfo.InvariantCulture));

    /// <summary>Neighbouring numbers lie in different shards.</summary>
    public static string ShardOf(AccountId account) =>
        ((ulong)account.Value % ClusterRegionActor.Shards).ToString(CultureInfo.InvariantCulture);

    public string? EntityId(object message) => message is IForAccount request ? request.Account.ToString() : null;

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => message is IForAccount request ? ShardOf(request.Account) : null;

    public string ShardId(string entityId, object? messageHint = null) => ShardOf(AccountOf(entityId));
}
