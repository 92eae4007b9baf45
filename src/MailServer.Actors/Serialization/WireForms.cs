using System.Collections.Frozen;

namespace MailServer.Actors.Serialization;

/// <summary>All codecs for messages between nodes. The first codec of a type is used for writing; further codecs of the same type only read older formats.</summary>
internal static class WireForms
{
    private static readonly WireForm[] s_all =
    [
        .. MailboxForms.Requests(), .. MailboxForms.Replies(), .. MailboxForms.Protocol(), .. SearchForms.All(),
        .. CollectionForms.Questions(), .. CollectionForms.Changes(), .. CollectionForms.Replies(), .. CollectionForms.Protocol(),
        .. QueueForms.All(), .. SessionForms.All(), .. ClusterForms.All(),
        .. ReportForms.All(), .. CertificateForms.All(),
    ];

    private static readonly FrozenDictionary<string, WireForm> s_byManifest = s_all.ToFrozenDictionary(static f => f.Manifest, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, WireForm> s_byType =
        s_all.GroupBy(static f => f.Type).ToFrozenDictionary(static g => g.Key, static g => g.First());

    /// <summary>All codecs; tests check that none is missing.</summary>
    public static IReadOnlyList<WireForm> All => s_all;

    public static WireForm Of(object message) =>
        s_byType.TryGetValue(message.GetType(), out var form) ? form : throw new ArgumentException($"no wire codec for {message.GetType()}", nameof(message));

    public static WireForm Of(string manifest) =>
        s_byManifest.TryGetValue(manifest, out var form) ? form : throw new InvalidDataException($"another node sent '{manifest}', which this version does not support");

    public static WireForm Form<T>(string manifest, Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : notnull => new(typeof(T), manifest, (w, message) => write(w, (T)message), r => read(r));

    /// <summary>The codec of a message without fields.</summary>
    public static WireForm Empty<T>(string manifest, T instance)
        where T : notnull => new(typeof(T), manifest, static (_, _) => { }, _ => instance);
}
