using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>Sends a test message to any address; its story is shown afterwards.</summary>
internal static class DeliveryTestPage
{
    public const string Path = "/admin/queue/test";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<DeliveryTestView, EmailAddress>("Delivery test", request.Account.Address))),
        PageRoute.Post(Path + "/send", PageAudience.Administrators, SendAsync, Path).About("recipient"),
    ];

    private static async Task<PageResult> SendAsync(PageRequest request)
    {
        EmailAddress? to = null;
        EmailAddress? from = null;
        PageException.CheckAll(() => to = request.Address("recipient"), () => from = request.Address("sender"));
        if (!await request.Services.DeliveryTest.IsOwnAsync(from!, request.Cancel)) throw PageException.Invalid($"“{request.Field("sender")}” is not an address of this server.", "sender");
        var (message, reply) = await request.Services.DeliveryTest.SendAsync(from!, to!, request.Cancel);
        var story = DisplayFormat.Link("/admin/queue/show", "id", message.Value);
        return reply.IsPositive
            ? request.RedirectWithNotice($"A test message to {to} has been sent. Reload this page to see how it goes on.", story)
            : request.RedirectWithFault($"The test message to {to} was refused: {reply}", story);
    }
}
