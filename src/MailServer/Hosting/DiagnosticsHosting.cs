using Akka.Hosting;
using MailServer.Actors.Certificates;
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

    public static void MapDiagnosis(this IEndpointRouteBuilder endpoints, IServiceProvider services, Node node, HealthMonitor health)
    {
        endpoints.MapCertificates(new CertificateAdministration(services.GetRequiredService<ActorRegistry>(), node.Certificates));
        endpoints.MapDoctor(node.Health, health.RefreshLocalAsync, health.RerunAsync);
    }
}
