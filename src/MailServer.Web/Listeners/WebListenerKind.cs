namespace MailServer.Web.Listeners;

/// <summary>The kinds of HTTP listener. Each has a separate pipeline and route table (<see cref="ListenerPipelines"/>).</summary>
public enum WebListenerKind
{
    /// <summary><c>admin.sock</c>: the admin API, for the command line.</summary>
    AdminSocket,

    /// <summary><c>admin.port</c>: the web interface, metrics and health checks.</summary>
    AdminPort,

    /// <summary><c>server.dav_port</c> and <c>server.https_port</c>: calendars, contacts, files, client setup and the pages for users.</summary>
    Https,

    /// <summary><c>server.http_port</c>: certificate challenges, client setup and redirects.</summary>
    PlainHttp,
}
