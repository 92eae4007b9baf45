using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Certificates;
using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Web.Admin;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Hosting;

/// <summary>Adds the certificate actor to the actor system, and the endpoints for certificates and <c>doctor</c> to the admin socket.</summary>
internal static class DiagnosticsHosting
{
    public static AkkaConfigurationBuilder AddManagedCertificates(this AkkaConfigurationBuilder akka, Node node) =>
        node.CertificateParts.Managed is { } managed ? akka.AddCertificates(managed, node.Services.Cluster) : akka;

    public static void MapDiagnosis(this IEndpointRouteBuilder endpoints, IServiceProvider services, MailServerOptions options, Node node)
    {
        var registry = services.GetRequiredService<ActorRegistry>();
        var certificates = new CertificateAdministration(registry, node.Certificates);
        endpoints.MapCertificates(certificates);
        endpoints.MapDoctor(async cancel =>
        {
            var system = services.GetRequiredService<ActorSystem>();
            var doctor = new NodeDoctor(options, node.Administration, node.Problems, certificates, new QueueAdministration(registry, node.Services.Trace), system, TimeProvider.System);
            return [.. (await doctor.ExamineAsync(cancel)).Select(static f => new FindingDocument(f.Subject, Findings.Name(f.Severity), f.Text))];
        });
    }
}
