using System.Security.Principal;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Web.Listeners;

/// <summary>How endpoints read the body of their request.</summary>
internal static class RequestBodyReading
{
    /// <inheritdoc cref="RequestBodies.ReadAsync"/>
    public static Task<byte[]> ReadBodyAsync(this HttpContext http, int max, int weight = 1) => http.Features.GetRequiredFeature<RequestBodies>().ReadAsync(http, max, weight);

    /// <summary>Notes who sends the request, after the client has signed in. Each user has a share of what request bodies need.</summary>
    public static void SetUser(this HttpContext http, EmailAddress user) => http.User = new GenericPrincipal(new GenericIdentity(user.ToString()), null);

    /// <summary>Reads a form, with its files in memory.</summary>
    public static async Task<IFormCollection> ReadFormAsync(this HttpContext http, FormOptions options, int max)
    {
        // The form copies its files from the body, and their reader copies them again.
        var body = await http.ReadBodyAsync(max, weight: 3);
        http.Request.Body = new MemoryStream(body, writable: false);
        return await new FormFeature(http.Request, options).ReadFormAsync(http.RequestAborted);
    }
}
