using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>principal-match (RFC 3744 §9.3): the principal of the authenticated account, or the collections in a home that it owns.</summary>
internal static class PrincipalMatchReport
{
    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        var selection = PropertySelection.Of(RequestedProperties.Named(root).Select(property => property.Name), request.PrefersMinimal);
        var self = root.Element(WebDav + "self") is not null;
        if (self == (root.Element(WebDav + "principal-property") is not null)) throw DavException.BadRequest("principal-match needs either self or principal-property");
        using var answer = DavResponse.Multistatus(request.Http);
        if (self && request.Target is DavTarget.Principals or DavTarget.Principal or DavTarget.EntryPoint)
            await answer.WriteAsync(PrincipalSearchReport.Describe(request, request.Account.Address), selection);
        if (!self && root.Element(WebDav + "principal-property")!.Element(WebDav + "owner") is not null && request.Target is DavTarget.StoredResource { Path.IsHome: true } home)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(home.Path, 0, WithProperties: false));
            foreach (var own in page.Collections.Where(child => child.Mount is null)) await answer.WriteAsync(request.Describe(own), selection);
        }

        await answer.EndAsync();
    }
}
