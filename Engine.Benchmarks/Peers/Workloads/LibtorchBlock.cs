using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>A transformer's layer as TorchSharp's users write it: one product for queries, keys and values, scaled_dot_product_attention, two dense layers. Its
/// parameters stand in the order of the engine's TransformerEncoderLayer.</summary>
internal sealed class LibtorchBlock : nn.Module<Torch, Torch>
{
    private readonly Linear qkv, output, linear1, linear2;
    private readonly LibtorchNorm norm1, norm2;
    private readonly int width, heads;
    private readonly bool normFirst, causal;

    /// <param name="width">W.</param>
    /// <param name="heads">They divide the width.</param>
    /// <param name="inner">Units between the dense layers.</param>
    /// <param name="epsilon">Of the norms.</param>
    /// <param name="normFirst">GPT's form, without biases and causal; else BERT's.</param>
    public LibtorchBlock(int width, int heads, int inner, double epsilon, bool normFirst) : base(nameof(LibtorchBlock))
    {
        (this.width, this.heads, this.normFirst, causal) = (width, heads, normFirst, normFirst);
        bool bias = !normFirst;
        qkv = nn.Linear(width, 3 * width, bias);
        output = nn.Linear(width, width, bias);
        linear1 = nn.Linear(width, inner, bias);
        linear2 = nn.Linear(inner, width, bias);
        norm1 = new LibtorchNorm(width, epsilon, bias);
        norm2 = new LibtorchNorm(width, epsilon, bias);
        RegisterComponents();
    }

    public override Torch forward(Torch x)
    {
        if (normFirst)
        {
            x = x + Attend(norm1.forward(x));
            return x + Through(norm2.forward(x));
        }
        x = norm1.forward(x + Attend(x));
        return norm2.forward(x + Through(x));
    }

    private Torch Through(Torch x) => linear2.forward(nn.functional.gelu(linear1.forward(x)));

    private Torch Attend(Torch x)
    {
        long batch = x.shape[0], length = x.shape[1];
        Torch[] parts = qkv.forward(x).split(width, 2);
        Torch Heads(Torch part) => part.view(batch, length, heads, width / heads).transpose(1, 2);
        var y = nn.functional.scaled_dot_product_attention(Heads(parts[0]), Heads(parts[1]), Heads(parts[2]), is_casual: causal);
        return output.forward(y.transpose(1, 2).reshape(batch, length, width));
    }
}

/// <summary>A layer norm, with a bias or without.</summary>
internal sealed class LibtorchNorm : nn.Module<Torch, Torch>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly double epsilon;
    private readonly long[] shape;

    public LibtorchNorm(int width, double epsilon, bool bias = true) : base(nameof(LibtorchNorm))
    {
        (this.epsilon, shape) = (epsilon, [width]);
        weight = new Parameter(ones(width));
        if (bias) this.bias = new Parameter(zeros(width));
        RegisterComponents();
    }

    public override Torch forward(Torch x) => nn.functional.layer_norm(x, shape, weight, bias, epsilon);
}
