using System.Xml.Linq;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav;

/// <summary>Merges a shared collection with the guest's mount: the content is the owner's, properties such as name and color are the guest's.</summary>
internal static class SharedCollectionView
{
    /// <param name="here">The mount in the guest's home.</param>
    /// <param name="theirs">The owner's collection, with its path mapped to the guest's home.</param>
    /// <param name="guest">The guest account.</param>
    public static CollectionInfo? Merge(CollectionInfo here, CollectionInfo? theirs, AccountId guest)
    {
        if (theirs is null || !theirs.Path.Equals(here.Path)) return theirs;
        var properties = new Dictionary<string, string>(theirs.Properties, StringComparer.Ordinal);
        properties.Remove(SchedulingProperties.Transparency.ToString());
        if (properties.TryGetValue(DisplayName.ToString(), out var name))
            properties[DisplayName.ToString()] = new XElement(DisplayName, $"{XElement.Parse(name).Value} ({here.Mount!.OwnerAddress.Local})").ToString();
        foreach (var (key, value) in here.Properties) properties[key] = value;
        return theirs with { Properties = properties, Mount = here.Mount! with { Access = theirs.AccessOf(guest) }, LinkSecrets = [] };
    }
}
