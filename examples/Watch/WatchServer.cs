using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Engine.Examples;

/// <summary>Serves the page and what it shows, to this machine alone: it listens on the loopback address, and answers no request that was meant for
/// another host, so that no page from elsewhere can read it by having its own name lead here.</summary>
internal sealed class WatchServer : IAsyncDisposable
{
    private const string Policy = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private readonly WebApplication app;

    private WatchServer(WebApplication app) => this.app = app;

    /// <summary>Where the page is.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="folder">Of the runs.</param>
    /// <param name="port">0 for a free one.</param>
    /// <exception cref="UserException">The port is taken.</exception>
    public static async Task<WatchServer> Start(string folder, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        var app = builder.Build();
        app.Use(Guard);
        app.UseRouting();
        WatchRoutes.Map(app, new WatchedFolder(folder));
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new UserException($"Port {port} is taken. Give another one with --port, or 0 for one that is free.");
        }
        return new WatchServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static Task Guard(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        (headers.ContentSecurityPolicy, headers.XContentTypeOptions, headers.CacheControl) = (Policy, "nosniff", "no-store");
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.Host.Host is "127.0.0.1" or "localhost") return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This page is for http://127.0.0.1 and http://localhost alone.\n");
    }

    /// <summary>Leaves Ctrl-C to the command.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
