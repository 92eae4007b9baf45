using MailServer.Domain.Access;
using MailServer.Web.Admin;
using Microsoft.AspNetCore.Http;

namespace MailServer.Tests.Web;

/// <summary>Every request on the admin socket that changes something leaves a row in the audit log that tells what it was applied to.</summary>
public sealed class AdminAuditTests : IAuditLog
{
    private readonly List<AuditEvent> _noted = [];

    [Theory]
    [InlineData("POST", "/admin/v1/queue/hold", "?domain=example.net&older=7200", "POST /queue/hold?domain=example.net&older=7200 200")]
    [InlineData("DELETE", "/admin/v1/queue", "?all=true", "DELETE /queue?all=true 200")]
    [InlineData("DELETE", "/admin/v1/queue", "?reason=mailbox%20full&to=*%40example.net", "DELETE /queue?reason=mailbox%20full&to=*@example.net 200")]
    [InlineData("POST", "/admin/v1/queue/retry", "?from=%0D%0Aforged%20row%1B%5B2J", "POST /queue/retry?from=%0D%0Aforged%20row%1B%5B2J 200")]
    [InlineData("POST", "/admin/v1/queue/17.M1/retry", "", "POST /queue/17.M1/retry 200")]
    [InlineData("PUT", "/admin/v1/bans/192.0.2.1", "?x", "PUT /bans/192.0.2.1?x= 200")]
    [InlineData("POST", "/ADMIN/v1/tls/renew", "?name=mail.example.org", "POST /tls/renew?name=mail.example.org 200")]
    public async Task A_row_tells_what_a_change_was_applied_to(string method, string path, string query, string expected)
    {
        await RunAsync(method, path, query);
        var row = Assert.Single(_noted);
        Assert.Equal(("admin.request", "admin socket", expected), (row.Kind, row.Actor, row.Detail));
    }

    [Fact]
    public async Task A_row_is_bounded()
    {
        await RunAsync("POST", "/admin/v1/queue/hold", "?reason=" + new string('x', 60_000));
        Assert.InRange(Assert.Single(_noted).Detail.Length, 400, 520);
    }

    [Fact]
    public async Task Requests_that_change_nothing_leave_no_row()
    {
        foreach (var method in (string[])["GET", "HEAD", "OPTIONS", "TRACE"]) await RunAsync(method, "/admin/v1/queue", "?to=x");
        Assert.Empty(_noted);
    }

    void IAuditLog.Note(AuditEvent happened) => _noted.Add(happened);

    private Task RunAsync(string method, string path, string query)
    {
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path, http.Request.QueryString) = (method, path, new QueryString(query));
        return AdminApi.Audit(this, TimeProvider.System)(http, static _ => Task.CompletedTask);
    }
}
