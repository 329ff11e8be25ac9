using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Hugging Face's names of activations.</summary>
internal static class PretrainedActivations
{
    /// <summary>A config's activation.</summary>
    /// <exception cref="PretrainedException">There is none of that name here.</exception>
    public static Activation Read(ConfigFile file, string field, string otherwise) => file.Text(field, otherwise) switch
    {
        "gelu" or "gelu_python" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Activation.GeluTanh,
        "relu" => Activation.Relu,
        "silu" or "swish" => Activation.Silu,
        var name => throw file.Bad(field, $"there is no activation '{name}' here. Those read are gelu, gelu_new, relu and silu."),
    };

    /// <exception cref="ArgumentException">It has no name there.</exception>
    public static string NameOf(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu",
        Activation.GeluTanh => "gelu_new",
        Activation.Relu => "relu",
        Activation.Silu => "silu",
        _ => throw new ArgumentException($"{activation} has no name in config.json. Take Gelu, GeluTanh, Relu or Silu.", nameof(activation)),
    };
}
