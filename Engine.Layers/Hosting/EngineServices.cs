using Engine.Kernels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Engine.Layers;

/// <summary>Puts the engine's services into an app's container.</summary>
public static class EngineServices
{
    /// <summary>Registers a <see cref="Device"/> as a singleton: the processor, unless another one is given here or was registered before.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="device">Makes the device, which the container disposes at its end.</param>
    /// <returns>To add predictors with.</returns>
    public static EngineBuilder AddEngine(this IServiceCollection services, Func<IServiceProvider, Device>? device = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (device is null) services.TryAddSingleton<Device>(Device.Cpu);
        else services.AddSingleton(device);
        return new EngineBuilder(services);
    }
}

/// <summary>Adds what is served.</summary>
public sealed class EngineBuilder
{
    internal EngineBuilder(IServiceCollection services) => Services = services;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Registers a <see cref="Predictor"/> as a singleton, made and warmed up when it is first asked for: without a name as itself, with one
    /// under that key, for <c>[FromKeyedServices("digits")] Predictor</c>.</summary>
    /// <param name="name">The key; null for the app's only one.</param>
    /// <param name="make">Makes it. It finds the app's device by <c>provider.GetRequiredService&lt;Device&gt;()</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public EngineBuilder AddPredictor(string? name, Func<IServiceProvider, Predictor> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (Services.Any(s => s.ServiceType == typeof(Predictor) && Equals(s.ServiceKey, name)))
            throw new ArgumentException(name is null ? "There is a predictor without a name already." : $"There is a predictor '{name}' already.", nameof(name));
        if (name is null) Services.AddSingleton(make);
        else Services.AddKeyedSingleton(name, (provider, _) => make(provider));
        return this;
    }

    /// <summary>Registers a <see cref="Predictor"/> of a model whose weights are in a file, on the app's device.</summary>
    /// <param name="name">The key; null for the app's only one.</param>
    /// <param name="build">Makes the architecture.</param>
    /// <param name="weights">A safetensors file of that model.</param>
    /// <param name="options">How to serve; the app's device takes the place of none given.</param>
    /// <inheritdoc cref="AddPredictor(string?, Func{IServiceProvider, Predictor})"/>
    public EngineBuilder AddPredictor(string? name, Func<Layer> build, string weights, PredictorOptions? options = null)
        => AddPredictor(name, provider => new Predictor(build, weights, OnDevice(provider, options)));

    /// <summary>Registers a <see cref="Predictor"/> of a model, on the app's device.</summary>
    /// <param name="name">The key; null for the app's only one.</param>
    /// <param name="build">Makes the model, its weights included.</param>
    /// <param name="options">How to serve; the app's device takes the place of none given.</param>
    /// <inheritdoc cref="AddPredictor(string?, Func{IServiceProvider, Predictor})"/>
    public EngineBuilder AddPredictor(string? name, Func<Layer> build, PredictorOptions? options = null)
        => AddPredictor(name, provider => new Predictor(build(), OnDevice(provider, options)));

    private static PredictorOptions OnDevice(IServiceProvider provider, PredictorOptions? options)
    {
        options ??= new PredictorOptions();
        return options.Device is null ? options with { Device = provider.GetRequiredService<Device>() } : options;
    }
}
