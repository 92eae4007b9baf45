using System.Xml.Linq;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Web.Dav.Reports;

/// <summary>principal-property-search (RFC 3744 §9.4) and calendarserver-principal-search: finds accounts of the same domain by name or address.</summary>
internal static class PrincipalSearchReport
{
    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        var search = PrincipalSearchRequest.Parse(root);
        var selection = PropertySelection.Of(search.Properties.Select(property => property.Name), request.PrefersMinimal);
        var accounts = await request.Services.AccountsOf(request.Account.Address.Domain, request.Cancel);
        using var answer = DavResponse.Multistatus(request.Http);
        var left = request.Limits.DavPrincipals;
        foreach (var account in accounts.Where(account => account.Enabled && search.Matches(account.Address)))
        {
            if (left-- == 0)
            {
                Multistatus.Truncated(answer.Output, DavUrl.PrincipalsHref);
                break;
            }

            await answer.WriteAsync(Describe(request, account.Address), selection);
        }

        await answer.EndAsync();
    }

    public static DavResource Describe(DavRequest request, EmailAddress address) => new()
    {
        Href = DavUrl.PrincipalOf(address),
        Kind = DavResourceKind.Principal,
        Owner = address,
        Requester = address.Equals(request.Account.Address) ? null : request.Account.Address,
    };
}
