using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>The endpoint of delivery tests: <c>POST queue/test?to=&amp;from=</c>.</summary>
public static class DeliveryTestEndpoints
{
    public static void MapDeliveryTest(this IEndpointRouteBuilder endpoints, DeliveryTest test, IDirectoryAdministration directory)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(directory);
        endpoints.MapGroup(AdminApi.Prefix).MapPost("queue/test", context => DirectoryAnswers.RunAsync(context, () => RunAsync(context, test, directory)));
    }

    private static async Task RunAsync(HttpContext context, DeliveryTest test, IDirectoryAdministration directory)
    {
        var (to, from) = (context.Request.Query["to"].ToString(), context.Request.Query["from"].ToString());
        if (!EmailAddress.TryParse(to, out var recipient))
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{to}' is not an email address");
            return;
        }

        var sender = from.Length > 0 ? EmailAddress.TryParse(from, out var given) ? given : null : await PostmasterAsync(directory, context.RequestAborted);
        if (sender is null || !await test.IsOwnAsync(sender, context.RequestAborted))
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, sender is null && from.Length == 0 ? "there is no domain to send from" : $"'{from}' is not an address of this server");
            return;
        }

        var (message, reply) = await test.SendAsync(sender, recipient, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new DeliveryTestDocument(message.Value, sender.ToString(), reply.IsPositive, reply.ToString()), AdminJson.Default.DeliveryTestDocument, cancellationToken: context.RequestAborted);
    }

    private static async Task<EmailAddress?> PostmasterAsync(IDirectoryAdministration directory, CancellationToken cancel) =>
        (await directory.ListDomainsAsync(cancel)).FirstOrDefault(static d => d is { Enabled: true, Accounts: > 0 }) is { } domain ? EmailAddress.Parse($"postmaster@{domain.Name}") : null;
}
