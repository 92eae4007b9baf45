using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Listeners;

/// <summary>
/// Gives each kind of listener a separate pipeline and route table. A listener marks its connections, and only the mark selects the pipeline: paths,
/// ports and headers are not compared, so no request can reach the endpoints of another listener. Connections without a mark get 404 for everything.
/// </summary>
public static class ListenerPipelines
{
    /// <summary>Marks the connections of a Kestrel listener with its kind.</summary>
    public static void Serve(this ListenOptions listen, WebListenerKind listener)
    {
        var mark = new ListenerFeature(listener);
        listen.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
    }

    /// <summary>The kind of listener that accepted the request; null if the connection has no mark.</summary>
    public static WebListenerKind? Listener(this HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<ListenerFeature>()?.Listener;
    }

    /// <summary>Adds the terminal middleware that passes each request to the pipeline of its listener.</summary>
    /// <param name="app">The application.</param>
    /// <param name="pipelines">One pipeline for each kind of listener.</param>
    /// <param name="bodies">Reads the request bodies of all listeners.</param>
    /// <param name="log">The log.</param>
    public static void RunPipelines(this IApplicationBuilder app, IEnumerable<ListenerPipeline> pipelines, RequestBodies bodies, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(app);
        var built = pipelines.ToFrozenDictionary(static p => p.Listener, p => Build(app, p, bodies, log));
        app.Run(http =>
        {
            if (http.Listener() is { } listener && built.TryGetValue(listener, out var pipeline)) return pipeline(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static RequestDelegate Build(IApplicationBuilder app, ListenerPipeline pipeline, RequestBodies bodies, ILogger log)
    {
        var branch = app.New();
        var faults = new RequestExceptionHandler(log);
        branch.Use(faults.CatchAsync);
        branch.Use((http, next) =>
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = pipeline.MaxBody;
            http.Features.Set(bodies);
            return next(http);
        });
        branch.Use(DecodedRequestBody.DecodeAsync);
        foreach (var step in pipeline.Middleware) branch.Use(step);
        branch.UseRouting();
        // The listener kind is endpoint metadata, so that a test can check that every endpoint is unreachable from other listeners.
        branch.UseEndpoints(endpoints => pipeline.Map(endpoints.MapGroup("").WithMetadata(pipeline.Listener)));
        branch.Run(pipeline.Fallback);
        return branch.Build();
    }

    private sealed record ListenerFeature(WebListenerKind Listener);
}
