using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Web.Dav.Reports;

/// <summary>acl-principal-prop-set (RFC 3744 §9.2): the principals in the access control list of a resource.</summary>
internal static class AclPrincipalPropSetReport
{
    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        var selection = PropertySelection.Of(RequestedProperties.Named(root).Select(property => property.Name), request.PrefersMinimal);
        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: false));
        var resource = found.Collection is { } collection ? request.Describe(collection) : DavResource.OfMember(found.Resource!, request.Describe(found.Parent!));
        if (resource.Access != CollectionAccess.Owner) throw DavException.Denied();
        using var answer = DavResponse.Multistatus(request.Http);
        await answer.WriteAsync(PrincipalSearchReport.Describe(request, resource.Owner), selection);
        foreach (var grant in found.Collection?.Grants.Where(grant => !grant.Declined) ?? [])
            await answer.WriteAsync(PrincipalSearchReport.Describe(request, grant.Address), selection);
        await answer.EndAsync();
    }
}
