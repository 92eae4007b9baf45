using System.Xml.Linq;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Sharing;

/// <summary>Another account's collection as it looks in a guest's home: what it holds is its owner's, what it is called and which colour it has the guest's.</summary>
internal static class SharedCollection
{
    /// <param name="here">What stands in the guest's home.</param>
    /// <param name="theirs">What the owner says of it, at the path that it has here.</param>
    /// <param name="guest">Who asks.</param>
    public static CollectionInfo? Merge(CollectionInfo here, CollectionInfo? theirs, AccountId guest)
    {
        if (theirs is null || !theirs.Path.Equals(here.Path)) return theirs;
        var properties = new Dictionary<string, string>(theirs.Properties, StringComparer.Ordinal);
        if (properties.TryGetValue(DisplayName.ToString(), out var name))
            properties[DisplayName.ToString()] = new XElement(DisplayName, $"{XElement.Parse(name).Value} ({here.Mount!.OwnerAddress.Local})").ToString();
        foreach (var (key, value) in here.Properties) properties[key] = value;
        return theirs with { Properties = properties, Mount = here.Mount! with { Access = theirs.AccessOf(guest) }, Secrets = [] };
    }
}
