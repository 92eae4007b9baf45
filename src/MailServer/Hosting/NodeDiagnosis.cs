using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Certificates;
using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Web.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Hosting;

/// <summary>Certificates and self-examination, put into the actor system and onto the admin socket.</summary>
internal static class NodeDiagnosis
{
    public static AkkaConfigurationBuilder AddDiagnosed(this AkkaConfigurationBuilder akka, Node node) =>
        node.CertificateParts.Managed is { } managed ? akka.AddCertificates(managed, node.Services.Cluster) : akka;

    public static void MapDiagnosis(this WebApplication app, MailServerOptions options, Node node)
    {
        var registry = app.Services.GetRequiredService<ActorRegistry>();
        var certificates = new CertificateAdministration(registry, node.Certificates);
        app.MapCertificates(certificates);
        app.MapDoctor(async cancel =>
        {
            var system = app.Services.GetRequiredService<ActorSystem>();
            var doctor = new NodeDoctor(options, node.Administration, node.Problems, certificates, new QueueAdministration(registry, node.Services.Trace), system, TimeProvider.System);
            return [.. (await doctor.ExamineAsync(cancel)).Select(static f => new FindingDocument(f.Subject, Findings.Name(f.Verdict), f.Text))];
        });
    }
}
