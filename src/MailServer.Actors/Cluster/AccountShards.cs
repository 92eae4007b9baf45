using System.Globalization;
using Akka.Cluster.Sharding;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>Maps accounts to shards, and messages to accounts.</summary>
internal sealed class AccountShards : IMessageExtractor
{
    public static AccountId AccountOf(string entity) => new(long.Parse(entity, CultureInfo.InvariantCulture));

    /// <summary>Consecutive account ids are in different shards.</summary>
    public static string ShardOf(AccountId account) =>
        ((ulong)account.Value % ClusterRegionActor.Shards).ToString(CultureInfo.InvariantCulture);

    public string? EntityId(object message) => RequestOf(message)?.Account.ToString();

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => RequestOf(message) is { } request ? ShardOf(request.Account) : null;

    public string ShardId(string entityId, object? messageHint = null) => ShardOf(AccountOf(entityId));

    private static IForAccount? RequestOf(object message) => (message is OfferProtocol.Offer offer ? offer.Request : message) as IForAccount;
}
