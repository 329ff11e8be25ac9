using System.Diagnostics;
using System.Runtime.InteropServices;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Engine.Tests.Kestrel;

/// <summary>The web app: <c>POST /predict/{model}</c> takes Float32 numbers and answers with them.</summary>
internal static class App
{
    /// <summary>Told of each forward pass that ended early: seconds since its request's token was cancelled, and when it ended.</summary>
    public static event Action<TimeSpan, long>? Ended;

    /// <summary>Told when a request of the large model begins its pass.</summary>
    public static event Action? Began;

    public static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddEngine()
            .AddPredictor("digits", () => CnnModel.Build(new Rng(1)), new() { InputShape = new Shape(1, 28, 28), MaxConcurrency = 8 })
            .AddPredictor("large", Large, new() { InputShape = new Shape(3, 64, 64) });
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/predict/{model}", Predict);
        return app;
    }

    private static async Task Predict(HttpContext context)
    {
        string name = (string)context.GetRouteValue("model")!;
        if (context.RequestServices.GetKeyedService<Predictor>(name) is not { } predictor)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        long length = context.Request.ContentLength ?? 0;
        if (length is 0 or > 1 << 24)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        byte[] body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        float[] outputs;
        long aborted = 0;
        using var whenAborted = context.RequestAborted.Register(() => aborted = Stopwatch.GetTimestamp());
        try
        {
            if (name == "large") Began?.Invoke();
            outputs = predictor.Predict(MemoryMarshal.Cast<byte, float>(body), context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            long ended = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Volatile.Read(ref aborted) != 0);  // the callback may still be on its way
            Ended?.Invoke(Stopwatch.GetElapsedTime(aborted, ended), ended);
            return;
        }
        catch (ShapeException e)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(e.Message);
            return;
        }
        catch (PredictorBusyException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        await context.Response.Body.WriteAsync(MemoryMarshal.AsBytes(outputs.AsSpan()).ToArray(), context.RequestAborted);
    }

    /// <summary>Some 60 thousand million operations.</summary>
    private static Sequential Large()
    {
        var rng = new Rng(1);
        var model = new Sequential { new Conv2d(3, 256, 3, rng, padding: 1, activation: Activation.Relu) };
        for (int i = 0; i < 12; i++) model.Add(new Conv2d(256, 256, 3, rng, padding: 1, activation: Activation.Relu));
        return model;
    }
}
