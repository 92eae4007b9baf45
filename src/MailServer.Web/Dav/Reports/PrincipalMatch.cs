using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>principal-match (RFC 3744 §9.3): which of the principals here is the account that asks, or which collections here are its own.</summary>
internal static class PrincipalMatch
{
    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        var selection = PropertySelection.Of(root.Elements(Prop).Elements().Select(property => property.Name), request.PrefersMinimal);
        var self = root.Element(WebDav + "self") is not null;
        if (!self && root.Element(WebDav + "principal-property") is null) throw DavException.BadRequest("a match is of oneself, or by a property");
        using var answer = DavAnswer.Multistatus(request.Http);
        if (self && request.Target is DavTarget.Principals or DavTarget.Principal or DavTarget.Entry)
            await answer.WriteAsync(PrincipalSearch.Describe(request, request.Account.Address), selection);
        if (!self && root.Element(WebDav + "principal-property")!.Element(WebDav + "owner") is not null && request.Target is DavTarget.Member { Path.IsHome: true } home)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(home.Path, 0, WithProperties: false));
            foreach (var own in page.Collections.Where(child => child.Mount is null)) await answer.WriteAsync(request.Describe(own), selection);
        }

        await answer.EndAsync();
    }
}
