using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Listeners;

/// <summary>
/// Gives each kind of listener a pipeline and a route table of its own. A listener marks its connections, and the mark alone chooses the pipeline: no
/// path, port or header is compared, so nothing in a request leads to what another listener serves. A connection without a mark gets 404 for everything.
/// </summary>
public static class ListenerPipelines
{
    /// <summary>Marks the connections of a listener.</summary>
    public static void Serve(this ListenOptions listen, WebListener listener)
    {
        var mark = new Mark(listener);
        listen.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
    }

    /// <summary>Which listener a request came to; null: one without a mark.</summary>
    public static WebListener? Listener(this HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Mark>()?.Listener;
    }

    /// <summary>Ends the application's own pipeline: every request goes to its listener's.</summary>
    public static void RunPipelines(this IApplicationBuilder app, IEnumerable<ListenerPipeline> pipelines, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(app);
        var built = pipelines.ToFrozenDictionary(static p => p.Listener, p => Build(app, p, log));
        app.Run(http =>
        {
            if (http.Listener() is { } listener && built.TryGetValue(listener, out var pipeline)) return pipeline(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static RequestDelegate Build(IApplicationBuilder app, ListenerPipeline pipeline, ILogger log)
    {
        var branch = app.New();
        var faults = new RequestFaults(log);
        branch.Use(faults.CatchAsync);
        branch.Use((http, next) =>
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = pipeline.MaxBody;
            return next(http);
        });
        foreach (var step in pipeline.Before) branch.Use(step);
        branch.UseRouting();
        // The metadata names the listener of each endpoint, for the tests that ask for it everywhere else.
        branch.UseEndpoints(endpoints => pipeline.Map(endpoints.MapGroup("").WithMetadata(pipeline.Listener)));
        branch.Run(pipeline.Otherwise);
        return branch.Build();
    }

    private sealed record Mark(WebListener Listener);
}
