using System.Collections.Frozen;
using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>All live properties, by name.</summary>
public static class LiveProperties
{
    private static readonly FrozenDictionary<XName, LiveProperty> Table =
        WebDavProperties.All.Concat(PrincipalProperties.All).Concat(CollectionProperties.All).Concat(SchedulingProperties.All)
            .Concat(SharingProperties.All).Concat(PushProperties.All).ToFrozenDictionary(property => property.Name);

    public static IEnumerable<LiveProperty> All => Table.Values;

    public static LiveProperty? Find(XName name) => Table.GetValueOrDefault(name);

    /// <summary>True for a property that clients cannot set (DAV:cannot-modify-protected-property).</summary>
    public static bool IsProtected(XName name) => Find(name) is { IsSettable: false };
}
