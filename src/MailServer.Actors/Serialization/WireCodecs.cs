using System.Collections.Frozen;

namespace MailServer.Actors.Serialization;

/// <summary>All codecs for messages between nodes. The first codec of a type is used for writing; further codecs of the same type only read older formats.</summary>
internal static class WireCodecs
{
    private static readonly WireCodec[] AllCodecs =
    [
        .. MailboxCodecs.Requests(), .. MailboxCodecs.Replies(), .. MailboxCodecs.Protocol(), .. SharingCodecs.All(), .. SearchCodecs.All(),
        .. CollectionCodecs.Queries(), .. CollectionCodecs.Changes(), .. CollectionCodecs.Replies(), .. CollectionCodecs.Protocol(),
        .. QueueCodecs.All(), .. SessionCodecs.All(), .. ClusterCodecs.All(),
        .. ReportCodecs.All(), .. CertificateCodecs.All(), .. OfferCodecs.All(), .. AccessCodecs.All(), .. HistoryCodecs.All(),
    ];

    private static readonly FrozenDictionary<string, WireCodec> ByManifest = AllCodecs.ToFrozenDictionary(static f => f.Manifest, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, WireCodec> ByType =
        AllCodecs.GroupBy(static f => f.Type).ToFrozenDictionary(static g => g.Key, static g => g.First());

    /// <summary>All codecs; tests check that none is missing.</summary>
    public static IReadOnlyList<WireCodec> All => AllCodecs;

    public static WireCodec Of(object message) =>
        ByType.TryGetValue(message.GetType(), out var form) ? form : throw new ArgumentException($"no wire codec for {message.GetType()}", nameof(message));

    public static WireCodec Of(string manifest) =>
        ByManifest.TryGetValue(manifest, out var form) ? form : throw new InvalidDataException($"another node sent '{manifest}', which this version does not support");

    public static WireCodec Create<T>(string manifest, Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : notnull => new(typeof(T), manifest, (w, message) => write(w, (T)message), r => read(r));

    /// <summary>The codec of a message without fields.</summary>
    public static WireCodec Empty<T>(string manifest, T instance)
        where T : notnull => new(typeof(T), manifest, static (_, _) => { }, _ => instance);
}
